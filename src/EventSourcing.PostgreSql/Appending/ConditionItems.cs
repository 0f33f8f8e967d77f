using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The items of conditions as columns, which is how the functions take them.</summary>
internal sealed class ConditionItems
{
    private readonly List<int> streams = [];
    private readonly List<long> after = [];
    private readonly List<string> seen = [];
    private readonly List<string> tags = [];
    private readonly List<string> types = [];

    /// <summary>Adds the items of a condition.</summary>
    /// <param name="condition">The condition; null for none.</param>
    /// <param name="stream">For batches: the number of the append's stream, from 1.</param>
    public void Add(AppendCondition? condition, int stream)
    {
        if (condition is null)
        {
            return;
        }

        var seenText = condition.Seen.SeenAfter.Count == 0 ? ArrayText.Empty : ArrayText.Of(condition.Seen.SeenAfter);
        foreach (var (itemTags, itemTypes) in Columns(condition.Query))
        {
            streams.Add(stream);
            after.Add(condition.Seen.ReadTo.Value);
            seen.Add(seenText);
            tags.Add(itemTags);
            types.Add(itemTypes);
        }
    }

    /// <summary>Tags and types of each item; of one that names neither, where all events are asked for.</summary>
    public static IEnumerable<(string Tags, string Types)> Columns(EventQuery query) => query.IsAll
        ? [(ArrayText.Empty, ArrayText.Empty)]
        : query.Items.Select(item => (ArrayText.Of(item.Tags.Select(tag => tag.Value)), ArrayText.Of(item.Types)));

    public void BindWithStreams(NpgsqlParameterCollection parameters)
    {
        EventColumns.Add(parameters, streams.ToArray(), NpgsqlDbType.Integer);
        Bind(parameters);
    }

    public void Bind(NpgsqlParameterCollection parameters)
    {
        EventColumns.Add(parameters, after.ToArray(), NpgsqlDbType.Bigint);
        EventColumns.Add(parameters, seen.ToArray(), NpgsqlDbType.Text);
        EventColumns.Add(parameters, tags.ToArray(), NpgsqlDbType.Text);
        EventColumns.Add(parameters, types.ToArray(), NpgsqlDbType.Text);
    }
}
