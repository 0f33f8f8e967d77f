using System.Runtime.CompilerServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads events from PostgreSQL with their hashes, those of archived streams too. Where
/// <see cref="PostgreSqlSchema.InstallHashChainAsync"/> was not called, they have none.</summary>
public sealed class PostgreSqlHashChain : IHashChain
{
    private readonly PostgreSqlEventStore store;
    private readonly ChainSql sql;
    private readonly Names names = new();

    /// <summary>Makes it.</summary>
    /// <param name="store">The store.</param>
    public PostgreSqlHashChain(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        sql = new ChainSql(store.SchemaName);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChainedEvent> ReadChainAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return ReadOneAsync(stream, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChainedEvent> ReadChainsAsync(
        StreamShard shard, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Up to here everything was read: bucket and name of a stream, and the version of its last event.
        var (bucket, name, version) = ((short)shard.FirstBucket, string.Empty, 0L);
        while (true)
        {
            var page = await store.Session
                .ReadAsync(
                    sql.Page,
                    parameters =>
                    {
                        parameters.Add(new NpgsqlParameter<short> { TypedValue = bucket });
                        parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
                        parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
                        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)shard.EndBucket });
                    },
                    row => PageAsync(row, name, cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (var (_, _, chained) in page)
            {
                yield return chained;
            }

            (bucket, version, var last) = page[^1];
            name = last.Stream.Value;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChainedEvent> ReadStraysAsync(
        StreamShard shard, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var strays = await store.Session
            .ReadAsync(
                sql.Strays,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)shard.FirstBucket });
                    parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)shard.EndBucket });
                },
                row => PageAsync(row, name: string.Empty, cancellationToken),
                cancellationToken)
            .ConfigureAwait(false);
        foreach (var (_, _, chained) in strays)
        {
            yield return chained;
        }
    }

    // One statement sees one moment, however long the stream is and whatever becomes of it meanwhile.
    private async IAsyncEnumerable<ChainedEvent> ReadOneAsync(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await Translated(() => OpenRows.OpenAsync(
            store.Session,
            sql.OneStream,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
            },
            cancellationToken)).ConfigureAwait(false);
        var isGood = false;
        try
        {
            using var events = new EventRows(names);
            while (await Translated(() => rows.Reader.ReadAsync(cancellationToken)).ConfigureAwait(false))
            {
                yield return ChainRow.Read(rows.Reader, events);
            }

            isGood = true;
        }
        finally
        {
            await rows.CloseAsync(isGood).ConfigureAwait(false);
        }
    }

    private Task<T> Translated<T>(Func<Task<T>> work) => PostgreSqlErrors.TranslateAsync(store.SchemaName, work);

    /// <summary>Rows with their place; without the one that says that a stream has no more events, which were read before.</summary>
    private async Task<List<(short Bucket, long Version, ChainedEvent Chained)>> PageAsync(
        NpgsqlDataReader row, string name, CancellationToken cancellationToken)
    {
        using var events = new EventRows(names);
        var page = new List<(short, long, ChainedEvent)>();
        var bytes = 0L;
        while (bytes <= ChainSql.PageBytes && await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chained = ChainRow.Read(row, events);
            var isEvent = !row.IsDBNull(0);
            if (isEvent || chained.Stream.Value != name)
            {
                page.Add((ChainRow.Bucket(row), isEvent ? row.GetInt64(0) : 0, chained));
                bytes += chained.Recorded is { } recorded ? recorded.Data.Length + recorded.Metadata.Length : 0;
            }
        }

        return page;
    }
}
