"""Why does a network say what it says of an example, and can the answer be believed?"""
