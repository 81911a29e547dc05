-- What people typed and we did not take, for the marts.
create view core.refused_inputs as
select name, row, column_name, value, message, seen_at from ops.input_refusals;
