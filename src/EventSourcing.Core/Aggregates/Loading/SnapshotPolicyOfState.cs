namespace EventSourcing;

/// <summary>A <see cref="SnapshotPolicy"/> for one state.</summary>
/// <typeparam name="TState">The state.</typeparam>
public sealed class SnapshotPolicy<TState> : SnapshotPolicy
{
    private readonly Func<TState, EventSerializer, byte[]> write;
    private readonly Func<ReadOnlyMemory<byte>, EventSerializer, TState> read;

    internal SnapshotPolicy(
        string name,
        int schemaVersion,
        int every,
        Func<TState, EventSerializer, byte[]> write,
        Func<ReadOnlyMemory<byte>, EventSerializer, TState> read)
        : base(name, schemaVersion, every)
    {
        this.write = write;
        this.read = read;
    }

    internal byte[] Write(TState state, EventSerializer serializer) => write(state, serializer);

    internal TState Read(ReadOnlyMemory<byte> json, EventSerializer serializer) => read(json, serializer);
}
