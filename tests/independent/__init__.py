"""Every exported figure counted a second time, from what the stand-in account itself remembers.

Nothing here reads the warehouse or its SQL: the only sources are the account's journal and the business rules.
"""
