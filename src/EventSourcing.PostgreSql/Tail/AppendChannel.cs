namespace EventSourcing.PostgreSql;

/// <summary>Where the stores of one schema tell each other of appends, and how a store knows what it has said itself.</summary>
internal sealed class AppendChannel(SchemaName schema)
{
    public string Name { get; } = schema.Channel;

    public string Sender { get; } = Guid.NewGuid().ToString("N");
}
