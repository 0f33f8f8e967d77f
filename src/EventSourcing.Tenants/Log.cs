using Microsoft.Extensions.Logging;

namespace EventSourcing.Tenants;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Tenant '{Tenant}' has been started.")]
    public static partial void Started(ILogger logger, TenantName tenant);

    [LoggerMessage(2, LogLevel.Error, "Tenant '{Tenant}' cannot be started; it is tried again.")]
    public static partial void StartFailed(ILogger logger, TenantName tenant, Exception failure);

    [LoggerMessage(3, LogLevel.Information, "Tenant '{Tenant}' has been stopped.")]
    public static partial void Stopped(ILogger logger, TenantName tenant);

    [LoggerMessage(4, LogLevel.Error, "Tenant '{Tenant}' could not be stopped in order.")]
    public static partial void StopFailed(ILogger logger, TenantName tenant, Exception failure);

    [LoggerMessage(5, LogLevel.Error, "The directory does not say which tenants there are; those that run go on.")]
    public static partial void DirectoryFailed(ILogger logger, Exception failure);

    [LoggerMessage(6, LogLevel.Critical, "A part of what tenant '{Tenant}' runs has failed: {Service}.")]
    public static partial void ServiceFailed(ILogger logger, TenantName tenant, string service, Exception failure);
}
