"""The pages: what people see in a browser, made of what the HTTP contract tells them."""
