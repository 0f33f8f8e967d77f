namespace EventSourcing.TestInfrastructure;

/// <summary>The folder that these tests were built in. (The compiler's own paths do not say it: a deterministic build writes them anew.)</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EventSourcing.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"EventSourcing.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
