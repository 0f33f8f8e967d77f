namespace EventSourcing;

/// <summary>When snapshots of a model's state are taken, and what they look like; made by the methods <c>Of</c>.</summary>
public abstract class SnapshotPolicy
{
    /// <summary>The longest name, in UTF-16 code units: 200.</summary>
    public const int MaxNameLength = 200;

    private protected SnapshotPolicy(string name, int schemaVersion, int every)
    {
        StoredText.ThrowIfUnfit(name, MaxNameLength, "The name of a snapshot policy", nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        Name = name;
        SchemaVersion = schemaVersion;
        Every = every;
    }

    /// <summary>Tells the snapshots of different models of one stream apart; stored, so it outlives the class's name.</summary>
    public string Name { get; }

    /// <summary>Raise it when the snapshot's shape or the fold's meaning changes: snapshots of another version are ignored.</summary>
    public int SchemaVersion { get; }

    /// <summary>A snapshot is taken when a load has folded so many events since the last one.</summary>
    public int Every { get; }

    /// <summary>Snapshots of a state that is itself written as JSON.</summary>
    /// <typeparam name="TState">The state; read back from JSON it is the same.</typeparam>
    /// <param name="name">Its name, see <see cref="Name"/>.</param>
    /// <param name="schemaVersion">The version of its shape, 1 or more; see <see cref="SchemaVersion"/>.</param>
    /// <param name="every">After how many events, 1 or more; see <see cref="Every"/>.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public static SnapshotPolicy<TState> Of<TState>(string name, int schemaVersion, int every)
        where TState : notnull => Of<TState, TState>(name, schemaVersion, every, state => state, state => state);

    /// <summary>Snapshots of a state, an aggregate's for instance, in a form of their own.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <typeparam name="TSnapshot">The form that is written as JSON.</typeparam>
    /// <param name="name">Its name, see <see cref="Name"/>.</param>
    /// <param name="schemaVersion">The version of its shape, 1 or more; see <see cref="SchemaVersion"/>.</param>
    /// <param name="every">After how many events, 1 or more; see <see cref="Every"/>.</param>
    /// <param name="take">Gives the snapshot of a state.</param>
    /// <param name="restore">Makes a state from a snapshot.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public static SnapshotPolicy<TState> Of<TState, TSnapshot>(
        string name, int schemaVersion, int every, Func<TState, TSnapshot> take, Func<TSnapshot, TState> restore)
        where TState : notnull
        where TSnapshot : notnull
    {
        ArgumentNullException.ThrowIfNull(take);
        ArgumentNullException.ThrowIfNull(restore);
        return new SnapshotPolicy<TState>(
            name,
            schemaVersion,
            every,
            (state, serializer) => serializer.SerializeState(take(state)),
            (json, serializer) => restore(serializer.DeserializeState<TSnapshot>(json)));
    }
}
