namespace EventSourcing.PostgreSql;

/// <summary>A stream of a Marten database, to be given a name.</summary>
/// <param name="Id">Its id: a UUID in lower case with hyphens, or the key as a text.</param>
/// <param name="Type">The alias of its aggregate type, such as <c>order</c>; null where it was started without one, or has no row of its own.</param>
/// <param name="TenantId">Its tenant; <c>*DEFAULT*</c> where there are none.</param>
/// <param name="IsArchived">Whether it is archived.</param>
public sealed record MartenStream(string Id, string? Type, string TenantId, bool IsArchived)
{
    internal bool HasKey { get; init; }

    /// <summary>The name that it has by default: its key as it is, and before a UUID the alias of its type: <c>order-0198…</c>, or
    /// <c>stream-0198…</c> where it has none. The tenant is no part of it.</summary>
    public string DefaultName => HasKey ? Id : $"{(string.IsNullOrEmpty(Type) ? "stream" : Type)}-{Id}";
}
