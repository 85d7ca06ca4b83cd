namespace DeepSight.Core.Storage;

/// <summary>How strictly a locked object is kept from being deleted.</summary>
public enum ObjectLock
{
    /// <summary>Who has s3:BypassGovernanceRetention may still delete it.</summary>
    Governance,

    /// <summary>Nobody can delete it before its time, not even the account's root.</summary>
    Compliance,
}
