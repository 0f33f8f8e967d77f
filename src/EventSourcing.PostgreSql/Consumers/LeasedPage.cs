using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>What the statements on a consumer's row are given: the fence, and where the page begins and ends.</summary>
internal static class LeasedPage
{
    /// <summary>Binds the row and the epoch: $1 to $4.</summary>
    public static void BindLease(NpgsqlParameterCollection parameters, ConsumerLease lease)
    {
        parameters.Add(new NpgsqlParameter<string> { TypedValue = lease.Key.Consumer });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = lease.Key.Generation });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)lease.Key.Shard.Index });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = lease.Epoch });
    }

    /// <summary>Binds from where to where the page goes, and what is parked: $5 to $12.</summary>
    public static void BindPage(NpgsqlParameterCollection parameters, EventPage page)
    {
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.From.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = page.To.Value });
        var parked = page.Parked;
        Add(NpgsqlDbType.Bigint, parked?.Event.Position.Value);
        Add(NpgsqlDbType.Uuid, parked?.Event.Id);
        Add(NpgsqlDbType.Text, parked?.Event.Stream.Value);
        Add(NpgsqlDbType.Text, parked?.Event.Type);
        Add(NpgsqlDbType.Text, parked is null ? null : Storable(parked.Error));
        Add(NpgsqlDbType.Integer, parked?.Attempts);

        void Add(NpgsqlDbType type, object? value) => parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }

    /// <summary>Any text as the server takes it: without zero characters, and with U+FFFD for what is not Unicode.</summary>
    public static string Storable(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace("\0", string.Empty, StringComparison.Ordinal);

    /// <summary>The beginning of a statement that moves a page, as common table expressions: <c>fence</c> has a row where the lease
    /// holds and the page begins where the row stands; everything else is to ask for that row.</summary>
    public static string Fence(SchemaName schema) => $"""
        with fence as (
          update {schema.Quoted}.consumers
          set position = $6, lease_until = clock_timestamp() + lease_time, updated_at = clock_timestamp()
          where name = $1 and generation = $2 and shard = $3 and epoch = $4 and position = $5
          returning position
        ), parked as (
          insert into {schema.Quoted}.dead_letters (consumer, generation, position, event_id, stream_name, type, error, attempts)
          select $1, $2, $7, $8, $9, $10, $11, $12
          from fence
          where $7 is not null
          on conflict do nothing
        )
        """;
}
