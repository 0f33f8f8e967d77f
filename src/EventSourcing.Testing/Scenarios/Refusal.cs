namespace EventSourcing.Testing;

/// <summary>Compares an exception with the expected one.</summary>
internal static class Refusal
{
    public static TException Of<TException>(Exception? actual, Func<string> instead, Func<TException, bool>? check)
        where TException : Exception => Of(actual, instead, check ?? (_ => true), "that passes the check");

    public static TException Of<TException>(Exception? actual, Func<string> instead, string message)
        where TException : Exception
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        return Of<TException>(actual, instead, typed => typed.Message.Contains(message, StringComparison.Ordinal), $"whose message contains '{message}'");
    }

    private static TException Of<TException>(Exception? actual, Func<string> instead, Func<TException, bool> check, string otherwise)
        where TException : Exception
    {
        var expected = $"an exception {typeof(TException).Name}";
        return actual switch
        {
            null => throw new ScenarioFailedException(Difference.Describe(expected, instead())),
            TException typed when check(typed) => typed,
            TException => throw new ScenarioFailedException(Difference.Describe($"{expected} {otherwise}", Difference.Show(actual)), actual),
            _ => throw new ScenarioFailedException(Difference.Describe(expected, Difference.Show(actual)), actual),
        };
    }
}
