using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventSourcing;

/// <summary>
/// One piece of work that is watched: its activity, its duration and what it came to. Made only where somebody listens;
/// begun and disposed in one asynchronous method, so that its activity is current exactly inside it.
/// </summary>
internal sealed class Operation : IDisposable
{
    private readonly Activity? activity;
    private readonly Histogram<double> duration;
    private readonly KeyValuePair<string, object?> subject;
    private readonly long begun = Stopwatch.GetTimestamp();
    private string outcome = "ok";

    // The names that samplers decide by are fixed; what people read says what it was about. Neither ever holds a stream's id.
    private Operation(string name, ActivityKind kind, Histogram<double> duration, string subjectTag, string subject)
    {
        this.duration = duration;
        this.subject = Instruments.Tag(subjectTag, subject);
        activity = Instruments.Activities.StartActivity(name, kind);
        if (activity is not null)
        {
            activity.DisplayName = $"{name} {subject}";
        }
    }

    public static bool IsAppendWatched =>
        Instruments.Activities.HasListeners()
        || Instruments.AppendDuration.Enabled
        || Instruments.AppendedEvents.Enabled
        || Instruments.Conflicts.Enabled;

    private bool IsAppend => ReferenceEquals(duration, Instruments.AppendDuration);

    public static Operation Append(AppendRequest request)
    {
        var first = request.Streams[0].Stream;

        // Client, not producer: the context that travels in the events is that of the work around the append, which is known
        // before the metadata is written.
        var operation = new Operation("append", ActivityKind.Client, Instruments.AppendDuration, "category", first.Category);
        if (operation.activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag("eventsourcing.stream", first.Value);
            activity.SetTag("eventsourcing.stream_count", request.Streams.Count);
            activity.SetTag("eventsourcing.event_count", request.EventCount);
        }

        return operation;
    }

    /// <summary>A command on its way through its handler; null where nobody listens.</summary>
    public static Operation? Command<TCommand>(CommandContext context)
    {
        if (!Instruments.CommandDuration.Enabled && !Instruments.Activities.HasListeners())
        {
            return null;
        }

        var operation = new Operation("command", ActivityKind.Internal, Instruments.CommandDuration, "command", typeof(TCommand).Name);
        if (operation.activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag("eventsourcing.command_id", context.CommandId);
            activity.SetTag("eventsourcing.correlation_id", context.CorrelationId);
        }

        return operation;
    }

    /// <summary>Loading, deciding and appending, or the saving of what was loaded and decided before; null where nobody listens.</summary>
    public static Operation? Execute(StreamName stream)
    {
        if (!Instruments.ExecuteDuration.Enabled && !Instruments.Activities.HasListeners())
        {
            return null;
        }

        var operation = new Operation("execute", ActivityKind.Internal, Instruments.ExecuteDuration, "category", stream.Category);
        operation.activity?.SetTag("eventsourcing.stream", stream.Value);
        return operation;
    }

    public void Stored(AppendResult result, int events)
    {
        if (!result.AlreadyStored)
        {
            Instruments.AppendedEvents.Add(events, subject);
        }

        activity?.SetTag("eventsourcing.position", result.Position.Value);
    }

    /// <summary>Another decision after a conflict, counted also where nothing else of the operation is listened to.</summary>
    public static void Retries(Operation? operation, StreamName stream, int retry)
    {
        if (Instruments.ExecuteRetries.Enabled)
        {
            Instruments.ExecuteRetries.Add(1, Instruments.Tag("category", stream.Category));
        }

        operation?.activity?.SetTag("eventsourcing.retries", retry);
    }

    /// <summary>Notes what went wrong. For an exception filter, where the stack still stands: always false, the exception goes on.</summary>
    public bool Failed(Exception failure)
    {
        outcome = failure switch
        {
            ConcurrencyConflictException => "conflict",
            OperationCanceledException => "cancelled",
            _ => "failed",
        };
        if (IsAppend && failure is ConcurrencyConflictException)
        {
            Instruments.Conflicts.Add(1, subject);
        }

        // Who gives up has not failed.
        if (activity is not null && failure is not OperationCanceledException)
        {
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
            activity.SetTag("error.type", failure.GetType().FullName);
        }

        return false;
    }

    public void Dispose()
    {
        duration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, subject, Instruments.Tag("outcome", outcome));
        activity?.Dispose();
    }
}
