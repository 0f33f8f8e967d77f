-- A function may be called by everybody unless that is taken back, and those that append act with their owner's rights.
revoke all on all functions in schema {schema} from public;
