namespace EventSourcing.PostgreSql;

/// <summary>How a Message DB database is read, and what its streams and messages are to be called.</summary>
/// <remarks>The functions are called for each message, and must give the same name each time: in the dry run, in the import and when it goes on.</remarks>
public sealed class MessageDbSourceOptions
{
    /// <summary>The schema of <c>messages</c>; <c>message_store</c> by default, as with Message DB.</summary>
    public string Schema { get; set; } = "message_store";

    /// <summary>Names a stream, or leaves it out with all its messages where it gives null; its name as it is by default.</summary>
    public Func<string, string?> StreamName { get; set; } = name => name;

    /// <summary>Names a type of message; as it is by default.</summary>
    public Func<string, string> TypeName { get; set; } = type => type;
}
