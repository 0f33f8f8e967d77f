namespace EventSourcing.PostgreSql;

/// <summary>How a Marten database is read, and what its streams and events are to be called.</summary>
/// <remarks>The functions are called for each event, and must give the same name each time: in the dry run, in the import and when it goes on.</remarks>
public sealed class MartenSourceOptions
{
    /// <summary>The schema of <c>mt_events</c> and <c>mt_streams</c>; <c>public</c> by default, as with Marten.</summary>
    public string Schema { get; set; } = "public";

    /// <summary>Names a stream, or leaves it out with all its events where it gives null; <see cref="MartenStream.DefaultName"/> by default.</summary>
    public Func<MartenStream, string?> StreamName { get; set; } = stream => stream.DefaultName;

    /// <summary>Names a type of event; <see cref="MartenEventType.Alias"/> by default.</summary>
    public Func<MartenEventType, string> TypeName { get; set; } = type => type.Alias;
}
