using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What is known of a stream besides its events, as it is selected: version, first version, state and what stands in.</summary>
internal static class StreamInfoRow
{
    /// <summary>Reads it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="first">The number of the first of the four columns.</param>
    public static StreamInfo Read(NpgsqlDataReader row, StreamName stream, int first) =>
        new(stream, new StreamVersion(row.GetInt64(first)), new StreamVersion(row.GetInt64(first + 1)), (StreamState)row.GetInt16(first + 2))
        {
            StandIn = row.IsDBNull(first + 3) ? null : (StreamStandIn)row.GetInt16(first + 3),
        };
}
