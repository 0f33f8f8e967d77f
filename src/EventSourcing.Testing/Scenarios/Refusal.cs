namespace EventSourcing.Testing;

/// <summary>Compares an exception with the expected one.</summary>
internal static class Refusal
{
    public static TException Of<TException>(Exception? actual, Func<string> instead, Func<TException, bool>? check)
        where TException : Exception
    {
        var expected = $"an exception {typeof(TException).Name}";
        return actual switch
        {
            null => throw new ScenarioFailedException(Difference.Describe(expected, instead())),
            TException typed when check is null || check(typed) => typed,
            TException => throw new ScenarioFailedException(
                Difference.Describe($"{expected} that passes the check", Difference.Show(actual)), actual),
            _ => throw new ScenarioFailedException(Difference.Describe(expected, Difference.Show(actual)), actual),
        };
    }
}
