"""What the gRPC services of the hub are: `.proto` files, and the same as `hub.binpb` (ADR 014)."""
