"""AWS accounts that live beside this process: a moto server, what mends it, and an account in which nothing happens."""
