namespace EventSourcing.Testing;

/// <summary>What a failing scenario says.</summary>
internal static class Failing
{
    public static string Message(Action scenario) =>
        Assert.Throws<ScenarioFailedException>(scenario).Message.ReplaceLineEndings("\n").TrimStart('\n');

    public static async Task<string> MessageAsync(Func<Task> scenario) =>
        (await Assert.ThrowsAsync<ScenarioFailedException>(scenario)).Message.ReplaceLineEndings("\n").TrimStart('\n');
}
