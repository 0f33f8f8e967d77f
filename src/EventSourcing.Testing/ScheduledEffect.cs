using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>A message that is scheduled. What is expected says after what time, or when; what has happened knows both.</summary>
internal sealed class ScheduledEffect(object message, TimeSpan? delay, DateTimeOffset? at, string? key) : Effect
{
    private readonly TimeSpan? delay = delay;

    internal override Shown Show(Effect? beside, EventSerializer? bodies)
    {
        var isByTime = delay is null || (at is not null && beside is ScheduledEffect { delay: null });
        var content = new JsonObject { [isByTime ? "At" : "Delay"] = Shown.ContentOf(isByTime ? at!.Value.ToUniversalTime() : delay) };
        if (key is not null)
        {
            content["Key"] = key;
        }

        content["Message"] = Shown.ContentOf(message);
        return new Shown($"Scheduled {message.GetType().Name}", content) { Class = message.GetType() };
    }
}
