using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A row of the statements of <see cref="ChainSql"/>.</summary>
internal static class ChainRow
{
    public static short Bucket(NpgsqlDataReader row) => row.GetInt16(9);

    /// <summary>What the row holds. What cannot be read is told, not thrown: somebody has written it, and more may be wrong.</summary>
    public static ChainedEvent Read(NpgsqlDataReader row, EventRows events)
    {
        var stream = new StreamName(row.GetString(10));
        RecordedEvent? recorded = null;
        DamagedDataException? damage = null;
        if (!row.IsDBNull(0))
        {
            try
            {
                recorded = events.Read(row);
                if (!row.GetBoolean(14) || StreamBucket.Of(stream) != Bucket(row))
                {
                    damage = new DamagedDataException($"The event at position {recorded.Position} does not stand where its stream's name has it found.")
                    {
                        Stream = stream,
                        Position = recorded.Position,
                    };
                }
            }
            catch (DamagedDataException unreadable)
            {
                damage = unreadable;
            }
        }

        return new ChainedEvent
        {
            Stream = stream,
            StreamVersion = new StreamVersion(row.GetInt64(11)),
            Recorded = damage is null ? recorded : null,
            Damage = damage,
            Hash = row.IsDBNull(12) ? default : row.GetFieldValue<byte[]>(12),
            Before = row.IsDBNull(13) ? default : row.GetFieldValue<byte[]>(13),
        };
    }
}
