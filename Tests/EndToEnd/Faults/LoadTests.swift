import Testing

/// What needs a cluster of its own and much of the machine: one after the other.
@Suite(.serialized) struct LoadTests {}
