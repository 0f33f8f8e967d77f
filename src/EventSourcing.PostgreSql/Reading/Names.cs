namespace EventSourcing.PostgreSql;

/// <summary>The names that rows are full of.</summary>
internal sealed class Names
{
    public NameCache<string> Types { get; } = new(name => name, name => name ?? string.Empty);

    public NameCache<StreamName> Streams { get; } = new(name => new StreamName(name), name => name.ToString());
}
