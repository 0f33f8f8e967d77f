using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>A statement that reads a page of the log, or several at once, and what its rows are.</summary>
internal sealed class LogQuery
{
    /// <summary>
    /// A filtered page looks at so many times its size at most: it moves on where nothing matches for long, and where a
    /// young table's plan reads the whole range for each page, that is not much.
    /// </summary>
    private const long FilteredRangeInPages = 4;
    private const long ShortestFilteredRange = 2_000;

    /// <summary>By tag only the events that have it are looked at, which may be far apart.</summary>
    private const long TaggedRangeInPages = 1_000;

    private readonly LogReadOptions options;
    private readonly long final;
    private readonly long bound;
    private readonly long end;
    private readonly bool isFiltered;
    private readonly bool isTagged;

    /// <summary>Makes a statement.</summary>
    /// <param name="options">What to read.</param>
    /// <param name="final">Up to where the log is final.</param>
    /// <param name="pages">How many pages at once.</param>
    public LogQuery(LogReadOptions options, long final, int pages)
    {
        this.options = options;
        this.final = final;
        MostEvents = (long)options.PageSize * pages;
        isTagged = options.Filter.Tags.Count > 0;
        isFiltered = isTagged || options.Filter.Categories.Count > 0 || options.Filter.EventTypes.Count > 0 || !options.Filter.Shard.IsAll;
        bound = Math.Min(final, options.UpTo?.Value ?? long.MaxValue);
        end = isFiltered
            ? Math.Min(bound, options.After.Value + Math.Max(ShortestFilteredRange, MostEvents * (isTagged ? TaggedRangeInPages : FilteredRangeInPages)))
            : bound;
    }

    public int PageSize => options.PageSize;

    public long MostEvents { get; }

    /// <summary>Whether nothing final is left.</summary>
    public bool IsEmpty => bound <= options.After.Value;

    public string Statement(Sql sql) => isTagged ? sql.ReadLogTagged : isFiltered ? sql.ReadLogFiltered : sql.ReadLog;

    public void Bind(NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<long> { TypedValue = options.After.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = end });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = MostEvents });
        if (isFiltered)
        {
            AddNames(parameters, options.Filter.Categories);
            AddNames(parameters, options.Filter.EventTypes);
            parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Filter.Shard.FirstBucket });
            parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Filter.Shard.EndBucket });
        }

        if (isTagged)
        {
            AddNames(parameters, [.. options.Filter.Tags.Select(tag => tag.Value)]);
        }
    }

    /// <summary>A page of rows.</summary>
    /// <param name="events">The events.</param>
    /// <param name="isWhole">Whether they are all that was left.</param>
    /// <param name="isFresh">Whether it was for this very page that it was asked how far the log is final, so that the page may
    /// say that it is the end.</param>
    public LogPage Page(IReadOnlyList<RecordedEvent> events, bool isWhole, bool isFresh)
    {
        var readTo = !isWhole ? events[^1].Position : IsEmpty ? options.After : new LogPosition(end);
        return new LogPage(events, readTo, IsEnd: readTo.Value >= bound && (isFresh || bound < final));
    }

    private static void AddNames(NpgsqlParameterCollection parameters, IReadOnlyCollection<string> names) =>
        parameters.Add(new NpgsqlParameter
        {
            Value = names.Count == 0 ? DBNull.Value : names.ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
}
