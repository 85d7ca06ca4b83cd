using DeepSight.Cli.Output;
using DeepSight.Core.Migrations.Running;

namespace DeepSight.Cli.Migrate;

/// <summary>Says what a run is doing: who waits says for whom, who steps back says until when.</summary>
internal sealed class MigrationProgressView(Terminal terminal) : IProgress<MigrationStep>
{
    public void Report(MigrationStep value)
    {
        var text = value.Kind switch
        {
            StepKind.Running => $"  running   {value.Script}",
            StepKind.Done => $"  done      {value.Script}   {Human.Duration(value.Elapsed)}",
            StepKind.Waiting => $"  waiting   {value.Script}   for {value.Detail}",
            StepKind.Retrying => $"  retrying  {value.Script}   {value.Detail}",
            StepKind.Mending => $"  mending   {value.Script}   {value.Detail}",
            StepKind.Warning => $"  warning   {value.Script}   {value.Detail}",
            _ => $"  notice    {value.Script}   {value.Detail}",
        };
        // The result lists what ran: in a log only what is out of the ordinary comes before it.
        if (terminal.ShowsProgress || value.Kind is not (StepKind.Running or StepKind.Done)) terminal.Note(text);
    }
}
