"""Stand-ins that the demo and the tests talk to over real HTTP."""
