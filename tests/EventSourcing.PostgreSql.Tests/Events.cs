using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>Events whose content does not matter.</summary>
internal static class Events
{
    public static EventData New(string type = "happened", string json = "{}") =>
        new(Guid.CreateVersion7(), type, Encoding.UTF8.GetBytes(json));

    public static AppendRequest To(StreamName stream, ExpectedVersion expected, params EventData[] events) =>
        new(new StreamAppend(stream, expected, events));
}
