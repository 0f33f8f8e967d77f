namespace EventSourcing.Tenants;

/// <summary>How a tenant stands in this process.</summary>
/// <param name="Name">The tenant.</param>
/// <param name="State">How it stands.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record TenantStatus(TenantName Name, TenantState State, Exception? Error);
