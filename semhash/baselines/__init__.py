"""What semhash is compared with: classic retrieval, dimension reduction and hashing, each small and cited.

Every method is a `Retriever`: it is fitted to a database, and then ranks that database for queries.
"""
