using System.Globalization;

namespace EventSourcing.PostgreSql;

/// <summary>
/// The schema that holds the tables of a projection. One of its own, so that a whole read model is replaced by renaming two
/// schemas: readers are never kept waiting, and see one or the other.
/// </summary>
internal sealed class ReadModelSchema
{
    // What a generation's suffix may take of the 63 bytes of an identifier.
    private const int LongestSuffix = 12;

    public ReadModelSchema(SchemaName store, string projection)
    {
        var name = $"{store.Name}_{projection.Replace('-', '_')}";
        try
        {
            _ = new SchemaName(name);
        }
        catch (ArgumentException unfit)
        {
            throw new ArgumentException(
                $"Projection '{projection}' cannot name a schema: lower-case letters, digits, '-' and '_' only. {unfit.Message}", nameof(projection), unfit);
        }

        // What is being built and what has been replaced is told by it, and dropped.
        if (projection.Replace('-', '_').Contains("__", StringComparison.Ordinal))
        {
            throw new ArgumentException($"Projection '{projection}' cannot name a schema: '-' and '_' each by itself only.", nameof(projection));
        }

        if (name.Length > 63 - LongestSuffix)
        {
            throw new ArgumentException(
                $"Projection '{projection}' has too long a name: with the store's schema it is to have at most {63 - LongestSuffix - 1} characters.",
                nameof(projection));
        }

        Name = name;
    }

    /// <summary>The schema of what may not be a projection at all: null where its name cannot name one.</summary>
    public static ReadModelSchema? Find(SchemaName store, string consumer)
    {
        try
        {
            return new ReadModelSchema(store, consumer);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The schema that readers use.</summary>
    public string Name { get; }

    /// <summary>The schema of a generation.</summary>
    public string Of(int generation, ConsumerRole role) => role == ConsumerRole.Serving ? Name : Built(generation);

    /// <summary>Where a generation is built.</summary>
    public string Built(int generation) => string.Create(CultureInfo.InvariantCulture, $"{Name}__{generation}");

    /// <summary>How the names of read models begin that served once and are to be dropped.</summary>
    public string RetiredPrefix => $"{Name}__old_";

    /// <summary>What a read model is called that has been replaced by a generation, until it is dropped.</summary>
    public string Retired(int generation) => string.Create(CultureInfo.InvariantCulture, $"{RetiredPrefix}{generation}");

    // Names of schemas that are dropped come from the server.
    public static string Quoted(string schema) => $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
