"""The gRPC services beside OTLP: questions, the documents' integration services, health, reflection.

Nothing here is imported while the gRPC port is off (ADR 014).
"""
