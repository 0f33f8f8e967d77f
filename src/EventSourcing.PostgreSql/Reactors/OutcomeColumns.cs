using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>What came of an event or message, as parameters of a statement.</summary>
internal static class OutcomeColumns
{
    /// <summary>Binds the twelve parameters in the order in which <see cref="ReactorSql"/> numbers them.</summary>
    public static void Bind(NpgsqlParameterCollection parameters, ReactorOutcome outcome)
    {
        var messages = outcome.Scheduled;
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = outcome.Receipt });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = outcome.Position.Value });
        Add(NpgsqlDbType.Text, messages.Select(message => message.Key));
        Add(NpgsqlDbType.Uuid, messages.Select(message => message.Id));
        Add(NpgsqlDbType.Smallint, messages.Select(message => StreamBucket.Of(message.Stream)));
        Add(NpgsqlDbType.Text, messages.Select(message => message.Stream.Value));
        Add(NpgsqlDbType.Bigint, messages.Select(message => message.Version.Value));
        Add(NpgsqlDbType.Bigint, messages.Select(message => message.Position.Value));
        Add(NpgsqlDbType.Text, messages.Select(message => message.Type));
        Add(NpgsqlDbType.Json, messages.Select(message => Encoding.UTF8.GetString(message.Data.Span)));
        Add(NpgsqlDbType.TimestampTz, messages.Select(message => message.DueAt.UtcDateTime));
        Add(NpgsqlDbType.Text, outcome.Cancelled);

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
