namespace EventSourcing.Testing;

/// <summary>Compares the contracts of events with those that somebody has approved.</summary>
public static class EventCatalogueApproval
{
    /// <summary>The catalogue is the text of a file, which stands under version control beside the test.</summary>
    /// <param name="catalogue">The catalogue as it is.</param>
    /// <param name="path">The file with the approved text. Where it differs or is missing, the text as it is is written beside it, with
    /// <c>.received</c> at its end: to approve it, put it in the place of the other.</param>
    /// <exception cref="ScenarioFailedException">It differs; the message shows the first difference.</exception>
    public static void ShouldBeApprovedIn(this EventCatalogue catalogue, string path)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var received = path + ".received";
        var actual = catalogue.ToString();
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : string.Empty;
        if (approved == actual)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        throw new ScenarioFailedException(
            $"What the log holds of events is otherwise than approved in {path}. If that is wanted, and stored events are lifted, approve {received}.{Environment.NewLine}"
            + Difference.OfLines(approved.Split('\n'), actual.Split('\n')));
    }
}
