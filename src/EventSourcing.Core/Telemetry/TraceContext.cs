using System.Diagnostics;

namespace EventSourcing;

/// <summary>Carries a trace from the command that wrote an event to whoever handles it: through the event's metadata.</summary>
internal static class TraceContext
{
    /// <summary>The current activity as metadata holds it; nulls where there is none, or one that is not W3C's.</summary>
    public static (string? Parent, string? State) Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? (activity.Id, activity.TraceStateString) : default;

    /// <summary>Starts the activity of handling an event; null where nobody listens. It is current until it is disposed.</summary>
    /// <remarks>
    /// <para>OpenTelemetry's conventions for messaging have the handling of a single message belong to the trace that wrote it or
    /// be linked to it. Live, it belongs: from the command to the last read model is one trace, and who sampled the command has
    /// decided for all of it. The work around the handling, such as a page's, is linked instead.</para>
    /// <para>A replay handles what was written long ago: its activities are linked only, because traces of last year must not
    /// grow spans today, and their sampling says nothing about this run.</para>
    /// </remarks>
    /// <param name="envelope">The event.</param>
    /// <param name="consumer">The name of the projection or reactor.</param>
    /// <param name="isReplay">Whether this is a rebuild, or a catching up on an old history.</param>
    public static Activity? StartHandling(EventEnvelope envelope, string consumer, bool isReplay = false)
    {
        if (!Instruments.Activities.HasListeners())
        {
            return null;
        }

        var around = Activity.Current?.Context;
        var origin = Of(envelope);
        var parent = isReplay ? null : origin;
        var link = isReplay ? origin : origin is null ? null : around;
        var activity = Instruments.Activities.StartActivity(
            "handle",
            ActivityKind.Consumer,
            parent ?? around ?? default,
            links: link is { } linked ? [new ActivityLink(linked)] : null);
        if (activity is not null)
        {
            activity.DisplayName = $"handle {envelope.Stream.Category}";
            Describe(activity, envelope, consumer);
        }

        return activity;
    }

    /// <summary>Starts the activity of a page: as for its event where it has one alone and follows live, otherwise an activity of its
    /// own that is linked to the first events' traces.</summary>
    public static Activity? StartPage(IReadOnlyList<EventEnvelope> events, string consumer, bool isReplay)
    {
        const int MostLinks = 16;
        if (events.Count == 0 || !Instruments.Activities.HasListeners())
        {
            return null;
        }

        if (events.Count == 1)
        {
            return StartHandling(events[0], consumer, isReplay);
        }

        var links = events.Take(MostLinks).Select(Of).OfType<ActivityContext>().Distinct().Select(origin => new ActivityLink(origin));
        var activity = Instruments.Activities.StartActivity("handle page", ActivityKind.Consumer, parentContext: default, links: links);
        activity?.SetTag("messaging.consumer.group.name", consumer);
        activity?.SetTag("messaging.batch.message_count", events.Count);
        return activity;
    }

    /// <summary>Notes what went wrong. Also for an exception filter: always false, the exception goes on.</summary>
    public static bool Failed(Activity? activity, Exception failure)
    {
        // Who gives up has not failed.
        if (activity is not null && failure is not OperationCanceledException)
        {
            var cause = failure is EventHandlingException { InnerException: { } inner } ? inner : failure;
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
            activity.SetTag("error.type", cause.GetType().FullName);
        }

        return false;
    }

    private static void Describe(Activity activity, EventEnvelope envelope, string consumer)
    {
        if (activity.IsAllDataRequested)
        {
            activity.SetTag("messaging.system", "eventsourcing");
            activity.SetTag("messaging.operation.type", "process");
            activity.SetTag("messaging.operation.name", "handle");
            activity.SetTag("messaging.destination.name", envelope.Stream.Value);
            activity.SetTag("messaging.destination.template", envelope.Stream.Category);
            activity.SetTag("messaging.consumer.group.name", consumer);
            activity.SetTag("messaging.message.id", envelope.Id.ToString());
            activity.SetTag("eventsourcing.event_type", envelope.Recorded.Type);
            activity.SetTag("eventsourcing.position", envelope.Position.Value);
        }
    }

    private static ActivityContext? Of(EventEnvelope envelope)
    {
        try
        {
            var metadata = envelope.Metadata;
            return ActivityContext.TryParse(metadata.TraceParent, metadata.TraceState, isRemote: true, out var context) ? context : null;
        }
        catch (EventSerializationException)
        {
            // Whether metadata that cannot be read matters is the handler's to find out.
            return null;
        }
    }
}
