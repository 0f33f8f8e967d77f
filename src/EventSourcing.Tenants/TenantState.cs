namespace EventSourcing.Tenants;

/// <summary>How a tenant stands in this process.</summary>
public enum TenantState
{
    /// <summary>It is being started.</summary>
    Starting = 0,

    /// <summary>It is there, and its projections and reactors are run.</summary>
    Running = 1,

    /// <summary>It could not be started, for instance because its database is down; that is tried again. Or a part of what it runs has failed
    /// for good.</summary>
    Failed = 2,

    /// <summary>Its projections and reactors are not run any more.</summary>
    Stopped = 3,
}
