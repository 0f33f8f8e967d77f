using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>What a reactor or a translator does besides sending commands. A command is expected as it is, without this.</summary>
public abstract class Effect
{
    private protected Effect()
    {
    }

    /// <summary>The reactor schedules a message for itself, to come after a time.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">How long from when it is scheduled.</param>
    /// <param name="key">The key that it is scheduled under; null where it has none of its own.</param>
    public static Effect Scheduled(object message, TimeSpan delay, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new ScheduledEffect(message, delay, null, key);
    }

    /// <summary>The reactor schedules a message for itself, to come at a time.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">When.</param>
    /// <param name="key">The key that it is scheduled under; null where it has none of its own.</param>
    public static Effect Scheduled(object message, DateTimeOffset at, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new ScheduledEffect(message, null, at, key);
    }

    /// <summary>The reactor cancels what was scheduled under a key.</summary>
    /// <param name="key">The key.</param>
    public static Effect Cancelled(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new CancelledEffect(key);
    }

    /// <summary>A public message is told to others.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="type">The name of its type.</param>
    /// <param name="body">Its content: the record that the translator makes it of, or a <see cref="JsonNode"/>.</param>
    /// <param name="key">Its key; by default any.</param>
    public static Effect Published(string topic, string type, object body, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        return new PublishedEffect(topic, type, body, key);
    }

    /// <summary>As it is shown beside another: with what that one says of it.</summary>
    internal abstract Shown Show(Effect? beside, EventSerializer? bodies);

    /// <summary>Commands and effects, each as it is shown beside its counterpart.</summary>
    internal static Shown[] Show(IReadOnlyList<object> all, IReadOnlyList<object> beside, EventSerializer? bodies = null) =>
        [.. all.Select((one, i) => one is Effect effect ? effect.Show(i < beside.Count ? beside[i] as Effect : null, bodies) : Shown.Of(one))];
}
