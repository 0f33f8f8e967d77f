using System.Globalization;

namespace EventSourcing;

/// <summary>What is known about a command besides its content; it travels into the metadata of the events that follow.</summary>
public sealed record CommandContext
{
    /// <summary>The command's id; by default a new one that rises with time.</summary>
    public string CommandId { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary>Whether the command may come again under the same <see cref="CommandId"/>, which its sender has given it: a second run then
    /// stores nothing and answers with the result of the first; off by default. It costs a look into the stream before each decision.</summary>
    /// <remarks>The events get ids that are made of the command's id, the stream and their number, and are found by them. So it holds for
    /// as long as the stream does, for what <see cref="IRepository"/> appends. Where the first run stored nothing, the second decides anew.
    /// In a handler that was dispatched, each call for the same stream is a step of its own; otherwise a context is one step.</remarks>
    public bool IsRepeatable { get; init; }

    /// <summary>The conversation that the command belongs to; by default the command starts one with its own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The message that caused the command, an event's id for instance; by default the command's own id.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what acts.</summary>
    public string? Actor { get; init; }

    /// <summary>Your own values for the events' metadata.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = EventMetadata.EmptyCustom;

    /// <summary>A context of which nothing is known, with an id from where the application's ids come from.</summary>
    internal static CommandContext New(EventSerializer serializer) => new() { CommandId = serializer.NewId().ToString() };

    /// <summary>What a dispatched command has done so far.</summary>
    internal CommandSteps Steps { get; init; } = CommandSteps.One;

    /// <summary>The stream of the next decision that is not about one stream: the same for each run of a command that may come again.</summary>
    internal StreamName NextDecision(EventSerializer serializer)
    {
        const string Category = "decision";
        return StreamName.For(Category, NextIds(new StreamName(Category))?.Invoke(0) ?? serializer.NewId());
    }

    /// <summary>The ids of the events that the next step for a stream appends, the same for each run; null where they need not be.</summary>
    /// <exception cref="ArgumentException">The command may come again, and its id is none by which it would be known.</exception>
    internal Func<int, Guid>? NextIds(StreamName stream)
    {
        if (!IsRepeatable)
        {
            return null;
        }

        // One for all that have none would take each of them for a repetition of the first.
        var id = CommandId ?? string.Empty;
        StoredText.ThrowIfUnfit(id, int.MaxValue, "The id of a command that may come again", "context");
        var step = Steps.Next(stream);

        // Its length too, or one id with a slash could stand for two.
        return number => NamedId.Of(string.Create(CultureInfo.InvariantCulture, $"{id.Length}/{id}/{step}/{number}/{stream}"));
    }

    /// <summary>What events that follow from the command carry.</summary>
    internal EventMetadata ToMetadata()
    {
        var (traceParent, traceState) = TraceContext.Current;
        return new EventMetadata
        {
            CommandId = CommandId,
            CorrelationId = CorrelationId ?? CommandId,
            CausationId = CausationId ?? CommandId,
            Actor = Actor,
            TraceParent = traceParent,
            TraceState = traceState,
            Custom = Custom,
        };
    }
}
