using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;

namespace EventSourcing;

/// <summary>
/// An integration message: what other systems are told, in a shape of its own that outlives the internal events. What passes
/// the checks here fits every broker.
/// </summary>
public sealed record PublicMessage
{
    /// <summary>The longest topic, type name, id or header name: 255 bytes in UTF-8, which is what AMQP allows.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>The most bytes in UTF-8 that the key and the headers, names and values, hold together: 32 KiB.</summary>
    public const int MaxHeaderBytes = 32 * 1024;

    private readonly Guid id;
    private readonly string topic = string.Empty;
    private readonly string type = string.Empty;
    private readonly ReadOnlyMemory<byte> body;
    private readonly string? key;
    private readonly IReadOnlyDictionary<string, string> headers = ReadOnlyDictionary<string, string>.Empty;
    private readonly string? correlationId;
    private readonly string? causationId;
    private readonly string? traceParent;

    /// <summary>The message's id; a duplicate carries the same.</summary>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public required Guid Id
    {
        get => id;
        init => id = value != Guid.Empty
            ? value
            : throw new ArgumentException("A public message has an id of its own; Guid.Empty is none.", nameof(value));
    }

    /// <summary>What consumers subscribe to: the topic or routing key, for example <c>shop.order.placed</c>.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameBytes"/>, or not writable as UTF-8.</exception>
    public required string Topic
    {
        get => topic;
        init => topic = Name(value, "A topic");
    }

    /// <summary>The chosen name of the message's type, never a CLR name by accident.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameBytes"/>, or not writable as UTF-8.</exception>
    public required string Type
    {
        get => type;
        init => type = Name(value, "A message type name");
    }

    /// <summary>The content: one JSON value in UTF-8. It is not copied; the memory must not change.</summary>
    /// <exception cref="ArgumentException">It is not well-formed JSON in UTF-8.</exception>
    public required ReadOnlyMemory<byte> Body
    {
        get => body;
        init
        {
            JsonText.ThrowIfUnfit(value.Span, "a public message", type, "body");
            body = value;
        }
    }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Messages of one key belong in order, usually the stream's name; null where there is no such key.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, or not writable as UTF-8.</exception>
    public string? Key
    {
        get => key;
        init
        {
            if (value is not null)
            {
                StoredText.ThrowIfUnfit(value, MaxHeaderBytes, "A key", nameof(value));
            }

            key = value;
            ThrowIfTooLarge(nameof(value));
        }
    }

    /// <summary>Your own values, copied; none by default. Their names differ from those in <see cref="MessageHeaders"/>.</summary>
    /// <exception cref="ArgumentException">A name is empty, reserved or longer than <see cref="MaxNameBytes"/>, a name or a
    /// value is not writable as UTF-8, or they are more than <see cref="MaxHeaderBytes"/> together.</exception>
    public IReadOnlyDictionary<string, string> Headers
    {
        get => headers;
        init
        {
            headers = Copy(value);
            ThrowIfTooLarge(nameof(value));
        }
    }

    /// <summary>The conversation that the message belongs to.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameBytes"/>, or not writable as UTF-8.</exception>
    public string? CorrelationId
    {
        get => correlationId;
        init => correlationId = value is null ? null : Name(value, "A correlation id");
    }

    /// <summary>The message (event or command) that directly caused this one.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameBytes"/>, or not writable as UTF-8.</exception>
    public string? CausationId
    {
        get => causationId;
        init => causationId = value is null ? null : Name(value, "A causation id");
    }

    /// <summary>The W3C <c>traceparent</c> of the span in which it happened.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameBytes"/>, or not writable as UTF-8.</exception>
    public string? TraceParent
    {
        get => traceParent;
        init => traceParent = value is null ? null : Name(value, "A traceparent");
    }

    private static string Name(string value, string what)
    {
        StoredText.ThrowIfUnfit(value, MaxNameBytes, what, nameof(value));
        if (Encoding.UTF8.GetByteCount(value) is var bytes and > MaxNameBytes)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{what} has at most {MaxNameBytes} bytes in UTF-8; this one has {bytes}."),
                nameof(value));
        }

        return value;
    }

    private static ReadOnlyDictionary<string, string> Copy(IReadOnlyDictionary<string, string> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (var (name, text) in value)
        {
            Name(name, "A header's name");
            if (MessageHeaders.All.Contains(name))
            {
                throw new ArgumentException($"The header '{name}' is the publisher's own; give yours another name.", nameof(value));
            }

            ArgumentNullException.ThrowIfNull(text, nameof(value));
            StoredText.ThrowIfUnwritable(text, "A header's value", nameof(value));
        }

        return new Dictionary<string, string>(value, StringComparer.Ordinal).AsReadOnly();
    }

    private void ThrowIfTooLarge(string parameter)
    {
        var bytes = key is null ? 0 : Encoding.UTF8.GetByteCount(key);
        foreach (var (name, text) in headers)
        {
            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(text);
        }

        if (bytes > MaxHeaderBytes)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The key and headers of a message have at most {MaxHeaderBytes} bytes in UTF-8; these have {bytes}."),
                parameter);
        }
    }
}
