"""The GraphQL door: the documents' queries and the hub's own, over the same services as REST."""
