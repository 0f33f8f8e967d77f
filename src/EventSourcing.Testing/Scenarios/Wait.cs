namespace EventSourcing.Testing;

/// <summary>Lets a scenario read as one expression although handlers are asynchronous.</summary>
internal static class Wait
{
    /// <summary>Runs it to its end. Away from the caller's synchronization context, which waits here and could run nothing.</summary>
    public static T For<T>(Func<Task<T>> work)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return work().GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
