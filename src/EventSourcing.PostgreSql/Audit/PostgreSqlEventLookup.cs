using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Finds events in PostgreSQL by their id and their metadata, those of archived streams too. Without
/// <see cref="PostgreSqlSchema.InstallAuditIndexesAsync"/> each look reads the whole log.</summary>
public sealed class PostgreSqlEventLookup : IEventLookup
{
    private const int PageSize = 500;
    private const long PageBytes = 8 * 1024 * 1024;

    private readonly PostgreSqlEventStore store;
    private readonly Names names = new();

    /// <summary>Makes it.</summary>
    /// <param name="store">The store.</param>
    public PostgreSqlEventLookup(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> FindAsync(
        AuditKey key, IReadOnlyCollection<string> values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return PagesAsync(key, Statement(store.SchemaName, key), values, cancellationToken);
    }

    // A limit for each value, and an index that has the position too: the plan is the same however many events there are.
    internal static string Statement(SchemaName schema, AuditKey key)
    {
        var (array, condition) = key == AuditKey.EventId ? ("uuid[]", AuditIndex.EventId) : ("text[]", AuditIndex.Text(schema, key));
        var value = key == AuditKey.EventId ? "v.value" : "left(v.value, 100)";
        return $"""
            select e.*
            from unnest($1::{array}) as v (value)
            cross join lateral (
              select version, position, event_id, type, data, metadata, recorded_at, tags, stream_name
              from {schema.Quoted}.log
              where {condition} = {value} and position > $2
              order by position
              limit $3
            ) e
            order by e.position
            limit $3
            """;
    }

    private async IAsyncEnumerable<RecordedEvent> PagesAsync(
        AuditKey key, string statement, IReadOnlyCollection<string> values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = values.ToHashSet(StringComparer.Ordinal);
        NpgsqlParameter parameter = key == AuditKey.EventId
            ? new NpgsqlParameter<Guid[]> { TypedValue = [.. wanted.Where(value => Guid.TryParse(value, out _)).Select(Guid.Parse).Distinct()] }
            : new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Select(Storable).Distinct(StringComparer.Ordinal)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
        var after = 0L;
        while (wanted.Count > 0)
        {
            var (found, isEnd) = await store.Session
                .ReadAsync(
                    statement,
                    parameters =>
                    {
                        parameters.Add(parameter.Clone());
                        parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                        parameters.Add(new NpgsqlParameter<long> { TypedValue = PageSize });
                    },
                    rows => PageAsync(rows, cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var recorded in found)
            {
                // Two values may begin alike, and then both find the event.
                if (recorded.Position.Value > after && new AuditEntry(recorded).IsFoundBy(key, wanted))
                {
                    yield return recorded;
                }

                after = recorded.Position.Value;
            }

            if (isEnd)
            {
                yield break;
            }
        }
    }

    private async Task<(List<RecordedEvent> Found, bool IsEnd)> PageAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        using var rows = new EventRows(names);
        var found = new List<RecordedEvent>();
        var bytes = 0L;
        while (bytes <= PageBytes && await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(rows.Read(row));
            bytes += found[^1].Data.Length + found[^1].Metadata.Length;
        }

        return (found, bytes <= PageBytes && found.Count < PageSize);
    }

    /// <summary>As metadata_text gives it, where the server takes a character out of no JSON.</summary>
    private static string Storable(string value)
    {
        var text = value.Replace('\0', '\uFFFD').ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = '\uFFFD';
            }
        }

        return new string(text);
    }
}
