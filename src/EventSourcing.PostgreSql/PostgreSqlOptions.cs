using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>How a store uses its database.</summary>
public sealed class PostgreSqlOptions
{
    internal const string DefaultSchema = "eventsourcing";

    // Ids, names and metadata come on top.
    private const int LargestAppend = 900 * 1024 * 1024;

    /// <summary>The schema that holds the log: lower-case letters, digits and underscores; <c>eventsourcing</c> by default.</summary>
    public string Schema { get; set; } = DefaultSchema;

    /// <summary>Whether an application with a host installs the schema when it starts; by default it does not, because that
    /// needs the right to create.</summary>
    public bool InstallSchemaAtStart { get; set; }

    /// <summary>Into how many tables the events are divided when the schema is installed, by ranges of the stream's bucket; 1 to
    /// 1,024, 1 by default. It changes nothing where the schema is installed already.</summary>
    public int Partitions { get; set; } = 1;

    /// <summary>The most bytes of an event, payload and metadata together; 10 MiB by default, at most <see cref="MaxAppendBytes"/>.</summary>
    public int MaxEventBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>The most bytes of all events of one append together; 64 MiB by default, at most 900 MiB: the server breaks a
    /// connection off over which one statement of more than 1 GiB comes. An import is not limited, because it goes in batches.</summary>
    public int MaxAppendBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How often a store that follows the log looks for events that nobody told it of, at the longest; 100 ms by
    /// default. Appends of this store are noticed at once, and those of others as soon as they are announced (see
    /// <see cref="Notifications"/>); an append inside a caller's own transaction is announced by nobody.</summary>
    public TimeSpan PollingInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether stores in different processes tell each other of appends, by <c>NOTIFY</c> and <c>LISTEN</c>; on by
    /// default. As long as somebody follows the log, the store then holds one connection outside of the pool. Off, others'
    /// events are found by looking alone, often at first and then every <see cref="PollingInterval"/>.</summary>
    public bool Notifications { get; set; } = true;

    /// <summary>How to connect to the same database for listening, for instance around a proxy that pools transactions, where
    /// nothing can be heard; by default as the data source does, where that is not through a proxy.</summary>
    public string? ListenConnectionString { get; set; }

    /// <summary>Whether statements are prepared once for each connection; on by default. On a connection that leads through a proxy
    /// none is prepared in any case: one that pools transactions would run another client's in its place.</summary>
    public bool PrepareStatements { get; set; } = true;

    /// <summary>How often a read or a safely repeatable append is tried when the connection fails, the first time included;
    /// 4 by default, with short growing pauses.</summary>
    public int MaxAttempts { get; set; } = 4;

    internal PostgreSqlOptions Validated()
    {
        _ = new SchemaName(Schema);
        ArgumentOutOfRangeException.ThrowIfLessThan(Partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Partitions, StreamBucket.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEventBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxEventBytes, MaxAppendBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAppendBytes, LargestAppend);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollingInterval, TimeSpan.Zero);
        _ = new NpgsqlConnectionStringBuilder(ListenConnectionString);
        return this;
    }
}
