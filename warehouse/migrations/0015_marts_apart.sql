-- Marts stand in the published copy alone.

drop schema mart cascade;
