using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Hears from the driver how many statements have timed out, and can hold up the first thread that closes a connection.</summary>
/// <param name="hold">How long.</param>
internal sealed class DriverLog(TimeSpan hold) : ILoggerFactory, ILogger
{
    private int timedOut;
    private int closed;

    /// <summary>The statements that the driver has asked the server to cancel.</summary>
    public int TimedOut => Volatile.Read(ref timedOut);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == NpgsqlEventId.CancellingCommand)
        {
            Interlocked.Increment(ref timedOut);
        }
        else if (eventId.Id == NpgsqlEventId.ClosingPhysicalConnection && Interlocked.Increment(ref closed) == 1)
        {
            Thread.Sleep(hold);
        }
    }

    public void Dispose()
    {
        // Nothing to close.
    }
}
