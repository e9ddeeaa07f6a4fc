"""A made-up estate and its bill, answering real boto3 clients in demo mode; nothing here ever reaches the network."""
