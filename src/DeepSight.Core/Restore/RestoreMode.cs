namespace DeepSight.Core.Restore;

/// <summary>Where a restore puts what it restores.</summary>
public enum RestoreMode
{
    /// <summary>Into a new database, which takes the target's name when it is proven; the old one stays under another name.</summary>
    Swap,

    /// <summary>Into the target itself, in one transaction.</summary>
    InPlace,

    /// <summary>Into a new database of a name given, beside the target.</summary>
    Into,
}
