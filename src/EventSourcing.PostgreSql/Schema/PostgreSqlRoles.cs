namespace EventSourcing.PostgreSql;

/// <summary>The names of a store's roles: groups that an administrator grants to logins. Roles belong to the whole server, so
/// stores of one server that are not to share theirs need other names.</summary>
/// <remarks>A name is made of lower-case letters, digits and underscores, does not start with a digit or <c>pg_</c>, and has at most
/// 63 characters. Each of the four is another one.</remarks>
public sealed record PostgreSqlRoles
{
    /// <summary>Owns the schema, its tables and its functions, and may create schemas in the database: installs and migrates;
    /// <c>eventsourcing_owner</c> by default.</summary>
    public string Owner { get; init; } = "eventsourcing_owner";

    /// <summary>May do what an application may, and import; <c>eventsourcing_maintainer</c> by default.</summary>
    public string Maintainer { get; init; } = "eventsourcing_maintainer";

    /// <summary>Appends, reads, runs projections, reactors and the outbox, and owns the read models. It cannot change or remove an
    /// event, nor write one but by an append; <c>eventsourcing_application</c> by default.</summary>
    public string Application { get; init; } = "eventsourcing_application";

    /// <summary>Reads everything, the read models too, and writes nothing; <c>eventsourcing_reader</c> by default.</summary>
    public string Reader { get; init; } = "eventsourcing_reader";

    internal void ThrowIfUnfit()
    {
        string[] names = [Owner, Maintainer, Application, Reader];
        foreach (var name in names)
        {
            // Even in quotes the first two do not name a role: "public" is everybody.
            if (name is "public" or "none" || !SchemaName.IsPlain(name))
            {
                throw new ArgumentException(
                    $"'{name}' is not a name for a role that this library takes: lower-case letters, digits and underscores, "
                    + "not starting with a digit or 'pg_', at most 63 characters, not 'public' or 'none'.");
            }
        }

        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException("Two of the four roles have the same name.");
        }
    }
}
