"""The door of the API: who may pass, and the token that programs bring."""
