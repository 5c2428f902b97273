"""The deployed application, asked from outside: `pytest smoke --alb-url URL`.

It needs pytest and requests, and boto3 where AWS is asked too; nothing of the framework.
"""
