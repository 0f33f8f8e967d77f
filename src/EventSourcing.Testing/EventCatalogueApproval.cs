using System.Text.Json;

namespace EventSourcing.Testing;

/// <summary>Compares the contracts of events with those that somebody has approved.</summary>
public static class EventCatalogueApproval
{
    /// <summary>The catalogue is the text of a file, which stands under version control.</summary>
    /// <param name="catalogue">The catalogue as it is.</param>
    /// <param name="path">The file with the approved text; a relative path begins at the folder of the test's project, which is the nearest
    /// one above the built tests that holds a project file, or at the tests themselves where there is none. Where the catalogue differs or
    /// the file is missing, the text as it is is written beside it, with <c>.received</c> at its end: to approve it, put it in the place of
    /// the other.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="ScenarioFailedException">It differs, or there is no such file; the message shows what has changed, and how to approve it.</exception>
    public static void ShouldBeApprovedIn(this EventCatalogue catalogue, string path)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path, ProjectFolder());
        var received = path + ".received";
        var actual = catalogue.ToString();
        var approved = File.Exists(path) ? File.ReadAllText(path) : null;
        if (approved?.ReplaceLineEndings("\n").TrimEnd() == actual.TrimEnd())
        {
            File.Delete(received);
            return;
        }

        var (difference, condition) = approved is null
            ? ($"Nothing is approved yet: {path} is missing.", "Where the text is as you mean it")
            : ($"What the log holds of events is otherwise than approved in {path} (- approved, + now):{Environment.NewLine}{Environment.NewLine}{Difference(approved, actual)}",
                "Where that is wanted, and stored events can still be read");
        throw new ScenarioFailedException(
            $"{difference}{Environment.NewLine}{Environment.NewLine}{Unsaved(received, actual) ?? $"{condition}, approve it: mv \"{received}\" \"{path}\""}");
    }

    private static string Difference(string approved, string actual)
    {
        try
        {
            return CatalogueDifference.Between(approved, actual);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
        {
            return $"The approved text is no catalogue: {unreadable.Message}";
        }
    }

    /// <summary>Why the text could not be put beside the approved one; null where it was. A build may not be allowed to write there.</summary>
    private static string? Unsaved(string received, string actual)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(received)!);
            File.WriteAllText(received, actual);
            return null;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return $"The text as it is could not be written to {received} ({unwritable.Message}); it is:{Environment.NewLine}{actual}";
        }
    }

    /// <summary>Not where the compiler found the test: a deterministic build writes those paths anew.</summary>
    private static string ProjectFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("*.*proj").Any())
            {
                return folder.FullName;
            }
        }

        return AppContext.BaseDirectory;
    }
}
