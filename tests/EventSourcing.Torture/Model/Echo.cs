using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Says to itself, after a while, that something was counted.</summary>
[EventType("reminder")]
internal sealed record Reminder(string Stream, long Number);

/// <summary>A reactor whose effect is a line in a file.</summary>
internal sealed class Echo : Reactor
{
    public const string ReactorName = "echo";

    /// <summary>The size of its consumer group.</summary>
    public const int Members = 2;

    /// <summary>The first of each so many is answered by a reminder, too.</summary>
    public const int RemindedEach = 10;

    public Echo(EffectFile file)
        : base(ReactorName, LogPosition.Start)
    {
        On<Cleared>((_, context) => AnswerAsync(context));
        On<Counted>((counted, context) =>
        {
            if (counted.Number % RemindedEach == 1)
            {
                context.Schedule(new Reminder(context.Envelope.Stream.Value, counted.Number), TimeSpan.FromMilliseconds(100));
            }

            return AnswerAsync(context);
        });
        OnMessage<Reminder>((reminder, _) =>
        {
            file.Write(Stopwatch.GetTimestamp(), ReminderKey(reminder.Stream, reminder.Number));
            return Task.CompletedTask;
        });

        Task AnswerAsync(ReactorContext context)
        {
            file.Write(Stopwatch.GetTimestamp(), context.IdempotencyKey);
            return Task.CompletedTask;
        }
    }

    public override int Shards => Members;

    public static string KeyOf(Guid eventId) => $"{ReactorName}/{eventId}";

    public static string ReminderKey(string stream, long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"reminder/{stream}/{number}");
}
